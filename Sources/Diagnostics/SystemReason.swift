import Foundation

/// What the system said of the call that just failed, as a part of a sentence: `no such file or directory`.
package func systemReason(_ code: Int32 = errno) -> String {
  let words = String(cString: strerror(code))
  return words.prefix(1).lowercased() + words.dropFirst()
}

/// What the system said, without Foundation's wrapping.
package func systemReason(_ error: any Error) -> String {
  let cocoa = error as NSError
  let inner = cocoa.userInfo[NSUnderlyingErrorKey] as? NSError ?? cocoa
  if inner.domain == NSPOSIXErrorDomain { return systemReason(Int32(truncatingIfNeeded: inner.code)) }
  guard cocoa.domain == NSCocoaErrorDomain, let code = systemCodes[CocoaError.Code(rawValue: cocoa.code)] else {
    return "the system does not say why"
  }
  return systemReason(code)
}

/// The system's numbers for Foundation's, which it gives without them at times.
private let systemCodes: [CocoaError.Code: Int32] = [
  .fileNoSuchFile: ENOENT, .fileReadNoSuchFile: ENOENT, .fileReadNoPermission: EACCES, .fileWriteNoPermission: EACCES,
  .fileWriteFileExists: EEXIST, .fileWriteOutOfSpace: ENOSPC, .fileWriteVolumeReadOnly: EROFS,
  .fileReadInvalidFileName: EINVAL, .fileWriteInvalidFileName: EINVAL, .fileReadTooLarge: EFBIG,
]
