import Foundation
import Hub
import TestSupport
import Testing

@Suite struct `A location on a hub` {
  @Test(arguments: [
    ("org/name", "org/name", "main"), ("name", "name", "main"), ("a-b_c.d/E", "a-b_c.d/E", "main"),
    ("org/name@v1.0", "org/name", "v1.0"), ("org/name@refs/pr/1", "org/name", "refs/pr/1"),
    ("org/name@odd@tag", "org/name", "odd@tag"),
  ])
  func `is a repository and a revision`(text: String, repository: String, revision: String) throws {
    let location = try HubLocation(text)
    #expect(location.repository == repository)
    #expect(location.revision == revision)
    #expect(location.description == "\(repository)@\(revision)")
  }

  @Test(arguments: [
    ("", "empty"), ("a/b/c", "more than one slash"), ("/a", "empty"), ("a/", "empty"), ("../a", "begins or ends"),
    ("a/..", "begins or ends"), ("a/.b", "begins or ends"), ("a/b-", "begins or ends"), ("a/b..c", "'--' or '..'"),
    ("a--b/c", "'--' or '..'"), ("a/b.git", "'.git'"), ("a/b c", "other signs"), ("a/bé", "other signs"),
    ("a\\b", "other signs"), ("a/\u{301}b", "other signs"), ("a%2Fb", "other signs"),
    (String(repeating: "a", count: 97), "longer than 96"),
    ("a/b@", "empty"), ("a/b@../x", "'.' or '..'"), ("a/b@/x", "empty"), ("a/b@x/./y", "'.' or '..'"),
    ("a/b@x\ny", "control character"), ("a/b@x\u{0}", "control character"), ("a/b@../\u{301}x", "'.' or '..'"),
  ])
  func `never names a place outside its folder`(text: String, part: String) throws {
    let error = try #require(throws: HubError.self) { try HubLocation(text) }
    #expect("\(error)".contains(part), "\(error)")
    #expect(!"\(error)".contains("\n"))
  }
}

@Suite struct `The settings of the environment` {
  /// Precedences and expansions as `huggingface_hub` has them.
  static let caches: [([String: String], String)] = [
    ([:], "/home/u/.cache/huggingface/hub"),
    (["XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
    (["XDG_CACHE_HOME": "/x", "HF_HOME": "/h"], "/h/hub"),
    (["HF_HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
    (["HF_HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/new"], "/new"),
    (["HF_HUB_CACHE": "", "HF_HOME": "/h"], "/h/hub"),
    (["HF_HOME": "~/h"], "/home/u/h/hub"),
    (["HF_HOME": "$BASE/h", "BASE": "/b"], "/b/h/hub"),
    (["HF_HUB_CACHE": "${BASE}x/$NONE", "BASE": "/b"], "/bx/$NONE"),
    (["XDG_CACHE_HOME": "~/c"], "/home/u/c/huggingface/hub"),
    (["HF_HUB_CACHE": "~root/c"], "/root/c"),
    (["HF_HUB_CACHE": "c"], FileManager.default.currentDirectoryPath + "/c"),
  ]

  @Test(arguments: caches) func `say where the cache is`(variables: [String: String], folder: String) throws {
    let settings = try HubSettings(environment: variables.merging(["HOME": "/home/u"]) { $1 })
    #expect(settings.cache.root == folder)
  }

  @Test(
    arguments: [
      ([:], "https://huggingface.co"), (["HF_ENDPOINT": "http://hub.example:81/x//"], "http://hub.example:81/x"),
    ] as [([String: String], String)])
  func `say where the hub is`(variables: [String: String], endpoint: String) throws {
    #expect(try HubSettings(environment: variables).endpoint == endpoint)
  }

  @Test(arguments: ["hub.example", "ftp://hub.example", "http://", "https://hub.example/?a", "file:///x", "http:// x"])
  func `refuse an address that is none`(endpoint: String) throws {
    #expect(throws: HubError.badEndpoint(endpoint)) { try HubSettings(environment: ["HF_ENDPOINT": endpoint]) }
  }

  @Test(
    arguments: [
      ([:], nil), (["HF_HUB_OFFLINE": "1"], "HF_HUB_OFFLINE"), (["HF_HUB_OFFLINE": "yes"], "HF_HUB_OFFLINE"),
      (["TRANSFORMERS_OFFLINE": "TRUE"], "TRANSFORMERS_OFFLINE"), (["HF_HUB_OFFLINE": "2"], nil),
      (["HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"], nil),
    ] as [([String: String], String?)])
  func `say whether to ask at all`(variables: [String: String], expected: String?) throws {
    #expect(try HubSettings(environment: variables).offlineVariable == expected)
  }

  @Test func `refuse a token that would break a header`() throws {
    #expect(throws: HubError.badToken(source: "HF_TOKEN")) {
      try HubSettings(environment: ["HF_TOKEN": "hf_a b"])
    }
  }
}

@Suite struct `A choice of files` {
  static let configuration = "open_clip_config.json"

  static let choices: [([String], [String])] = [
    (
      ["open_clip_model.safetensors", "open_clip_pytorch_model.bin", "model.safetensors"],
      ["open_clip_model.safetensors"]
    ),
    (["pytorch_model.bin", "model.safetensors"], ["model.safetensors"]),
    (["pytorch_model.bin", "open_clip_pytorch_model.bin"], ["open_clip_pytorch_model.bin"]),
    (
      ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"],
      ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    ),
    (
      ["pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json", "model-1-of-2.safetensors"],
      ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"]
    ),
    (
      ["model.safetensors", "vocab.json", "bpe_simple_vocab_16e6.txt.gz", "onnx/model.onnx", "a/bpe.txt.gz", "x.py"],
      ["bpe_simple_vocab_16e6.txt.gz", "vocab.json", "model.safetensors"]
    ),
  ]

  @Test(arguments: choices) func `takes one set of weights, last`(names: [String], chosen: [String]) throws {
    let files = Dictionary(
      uniqueKeysWithValues: (names + [Self.configuration]).map { ($0, HubFile.small($0)) })
    let hub = try LocalHub(files)
    try Fixtures.withTemporaryFolder { cache in
      let found = try hub.client(cache: cache).fetch(HubLocation("org/model"))
      #expect(found.files == ([Self.configuration] + chosen).sorted())
      let heads = hub.server.requests.filter { $0.method == "HEAD" && $0.target.contains("/resolve/") }
      #expect(heads.map { ($0.target as NSString).lastPathComponent } == [Self.configuration] + chosen)
    }
  }

  @Test(arguments: [
    ([configuration], "no weights, expected one of open_clip_model.safetensors"),
    (["model.safetensors"], "no configuration, expected one of open_clip_config.json"),
    (
      [configuration, "model-00001-of-00003.safetensors", "model-00003-of-00003.safetensors"],
      "2 of the 3 parts that \"model-00001-of-00003.safetensors\" belongs to"
    ),
    ([configuration, "model-00001-of-00000.safetensors"], "parts"),
  ])
  func `says what a repository lacks`(names: [String], message: String) throws {
    let hub = try LocalHub(Dictionary(uniqueKeysWithValues: names.map { ($0, HubFile.small("")) }))
    try Fixtures.withTemporaryFolder { cache in
      let error = #expect(throws: HubError.self) { try hub.client(cache: cache).fetch(HubLocation("org/model")) }
      #expect(error.map { "\($0)".contains(message) } == true, "\(String(describing: error))")
      #expect(hub.requests.count == 1)
    }
  }
}
