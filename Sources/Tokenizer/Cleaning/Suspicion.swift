import Files

/// Decides whether a text looks garbled: neighbouring characters that are rare in writing and common in mojibake.
///
/// The classes of characters and the rules are those of ftfy 6.3.1 (Robyn Speer, Apache-2.0).
enum Suspicion {
  static func isRaised(by text: Scalars) -> Bool {
    guard text.contains(where: { $0.value >= 0x80 }) else { return false }
    let classes = [Class.start.mask] + text.map(classes)
    return classes.indices.contains { start in
      rules.contains { rule in
        start + rule.count <= classes.count && rule.indices.allSatisfy { classes[start + $0] & rule[$0] != 0 }
      }
    }
  }

  /// The classes that a character belongs to in the rules below.
  enum Class: UInt64 {
    case common, control, bad, law, currency, opening, closing, numeric, kaomoji, upper, lower, upperCommon, lowerCommon
    case box, smallASCII, capitalASCII, notASCIILetter, whiteSpace, space, word, notNewline, sentence, start
    case ligature, degree, times, power, root, rootFollower, nearly, nearlyFollower, indic, indicFollower
    case commonLead, commonFollower, arabicLead, arabicFollower, aTilde, aCircumflex, aTildeFollower
    case low, lowFollower, lowEnd, lowAccented, lowAccentedEnd
    case smallVe, je, cyrillicLead, cyrillicFollower, ghe, shortU, ve, letterOrSpace
    case beta, euro, betaEnd, greekLead, greekFollower, aMacron

    var mask: UInt64 { 1 << rawValue }
  }

  private static func classes(_ scalar: Unicode.Scalar) -> UInt64 {
    var result = listed[scalar] ?? 0
    func add(_ more: Class...) { for one in more { result |= one.mask } }
    switch scalar {
    case "a"..."z": add(.smallASCII, .sentence, .letterOrSpace)
    case "A"..."Z": add(.capitalASCII, .letterOrSpace)
    case "\u{80}"..."\u{9F}": add(.control, .cyrillicFollower, .greekFollower, .notASCIILetter)
    default: add(.notASCIILetter)
    }
    if isWhiteSpace(scalar) { add(.whiteSpace) }
    if scalar != "\n" { add(.notNewline) }
    let category = scalar.properties.generalCategory
    if scalar == "_" || category.isLetter || category.isNumber { add(.word) }
    return result
  }

  private static let listed: [Unicode.Scalar: UInt64] = {
    var listed: [Unicode.Scalar: UInt64] = [:]
    for (scalars, members) in lists {
      for scalar in scalars.unicodeScalars {
        for one in members { listed[scalar, default: 0] |= one.mask }
      }
    }
    return listed
  }()

  private static let lists: [(String, [Class])] = [
    ("\u{A0}\u{AD}´·–—―’…", [.common, .arabicFollower]),
    ("¤¦¨ª¬¯¸ºƒˆˇ˘˛˜†‡‰⌐◊\u{FFFD}", [.bad, .arabicFollower, .cyrillicFollower, .greekFollower]),
    ("§¶", [.law]),
    ("¢£¥₧€", [.currency, .arabicFollower, .cyrillicFollower, .greekFollower]),
    (
      "¡©«¿΄΅‘‚“„•‹\u{F8FF}",
      [.opening, .commonFollower, .arabicFollower, .cyrillicFollower, .greekFollower]
    ),
    ("®»˝”›™", [.closing, .commonFollower, .cyrillicFollower, .greekFollower, .sentence]),
    ("±²³µ¹¼½¾×÷⁄№∂∆∏∑√∞∩∫≈≠≡≤≥", [.numeric, .arabicFollower]),
    ("°ÒÓÔÕÖÙÚÛÜòóôõöøùúûüŌŐŪŲ", [.kaomoji]),
    ("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑØÜÝĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĹĻĽŁŃŅŇŒŘŚŞŠŢŤŮŰŸŹŻŽҐ", [.upper]),
    ("ßàáâãäåæçèéêëìíîïðñüāăąćčďđēėęěğģīįķĺļľłœŕśşšťźżžґ\u{FB01}\u{FB02}", [.lower]),
    ("ÞΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", [.upperCommon]),
    ("άέήίΰαβγδεζηθικλμνξοπρςστυφχψωабвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљњћќѝўџ", [.lowerCommon]),
    ("│┌┐┘├┤┬┼═║╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬▀▄█▌▐░▒▓", [.box]),
    (" ", [.space, .letterOrSpace]), (".,?!", [.sentence]), ("Œœ", [.ligature]),
    ("°", [.degree, .cyrillicFollower, .greekFollower]), ("µ", [.cyrillicFollower]), ("×", [.times]), ("²³", [.power]),
    ("√", [.root]), ("±∂†≠®™´≤≥¥µø", [.rootFollower]), ("≈", [.nearly]), ("°¢", [.nearlyFollower]), ("à", [.indic]),
    ("²µ¹¼½¾", [.indicFollower]), ("ÂÃÎÐ", [.commonLead]), ("€œŠš¢£Ÿž\u{A0}\u{AD}®©°·»–—´", [.commonFollower]),
    ("ØÙ", [.arabicLead]), ("ŸŠ®°µ»", [.arabicFollower]), ("Ã", [.aTilde]), ("Â", [.aCircumflex]),
    ("\u{A0}¡", [.aTildeFollower]), ("‚", [.low]), ("Ä", [.lowFollower]), ("ìîïòôúùû†°¢π", [.lowEnd]),
    ("âó", [.lowAccented]), ("àä°ê", [.lowAccentedEnd]), ("в", [.smallVe]), ("Ђ", [.je]), ("ВГРС", [.cyrillicLead]),
    ("Г", [.ghe]), ("ў", [.shortU]), ("В", [.ve]), ("β", [.beta]), ("€", [.euro]), ("™\u{A0}Ά\u{AD}®°", [.betaEnd]),
    ("ΒΓΞΟ", [.greekLead]), ("ā", [.aMacron]),
  ]

  /// Runs of classes that raise suspicion.
  private static let rules: [[UInt64]] = written.map { rule in rule.map { $0.reduce(0) { $0 | $1.mask } } }

  private static let written: [[[Class]]] = [
    [[.control]],
    [[.bad, .lower, .upper, .box, .opening, .closing, .currency, .numeric, .law], [.bad]],
    [[.smallASCII, .capitalASCII], [.lowerCommon, .upperCommon], [.bad]],
    [[.bad], [.lower, .upper, .box, .opening, .closing, .currency, .numeric, .law]],
    [[.lower, .lowerCommon, .box, .closing, .currency, .numeric], [.upper]],
    [[.box, .closing, .currency, .numeric], [.lower]],
    [[.lower, .box, .closing], [.currency]],
    [[.whiteSpace], [.upper], [.currency]],
    [[.upper, .box], [.numeric, .law]],
    [[.lower, .upper, .box, .currency, .closing], [.opening], [.numeric]],
    [[.lower, .upper, .currency, .numeric, .box, .law], [.closing], [.opening]],
    [[.currency, .numeric, .box], [.opening]],
    [[.smallASCII], [.upper], [.opening, .currency]],
    [[.box], [.kaomoji]],
    [[.lower, .upper, .currency, .numeric, .opening, .closing, .law], [.box]],
    [[.box], [.closing]],
    [[.lower, .upper], [.opening, .closing], [.word]],
    [[.ligature], [.notASCIILetter]],
    [[.upper], [.degree]],
    [[.commonLead], [.commonFollower]],
    [[.times], [.power]],
    [[.arabicLead], [.arabicFollower], [.arabicLead], [.arabicFollower]],
    [[.indic], [.indicFollower]],
    [[.root], [.rootFollower]],
    [[.nearly], [.nearlyFollower]],
    [[.low], [.lowFollower], [.lowEnd]],
    [[.low], [.lowAccented], [.lowAccentedEnd]],
    [[.smallVe], [.je]],
    [[.cyrillicLead], [.cyrillicFollower], [.cyrillicLead]],
    [[.ghe], [.shortU], [.ve], [.je], [.ve], [.notNewline], [.letterOrSpace]],
    [[.aTilde], [.aTildeFollower]],
    [[.smallASCII], [.aTilde, .aCircumflex], [.space]],
    [[.smallASCII], [.whiteSpace], [.aTilde, .aCircumflex], [.space]],
    [[.start], [.aTilde, .aCircumflex], [.space]],
    [[.sentence], [.aCircumflex], [.space, .opening, .closing]],
    [[.beta], [.euro], [.betaEnd]],
    [[.greekLead], [.greekFollower], [.greekLead]],
    [[.aMacron], [.euro]],
  ]
}

extension Unicode.GeneralCategory {
  /// Whether the scalar is in \p{L}.
  var isLetter: Bool {
    switch self {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return false
    }
  }

  /// Whether the scalar is in \p{N}.
  var isNumber: Bool {
    switch self {
    case .decimalNumber, .letterNumber, .otherNumber: return true
    default: return false
    }
  }
}
