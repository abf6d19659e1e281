import Files

/// The terms of an atlas in plain words, for readers who come to a page from elsewhere.
struct GlossaryTerm: Sendable {
  let term: String
  let meaning: String

  var anchor: String { "term-" + slug(term) }

  /// The anchor of the term that figures of maps lead to.
  static let registerPatch = "term-register-patch"

  /// In alphabetical order.
  static let all: [GlossaryTerm] = [
    term(
      "Ablation, mean",
      "Putting the mean of a head's contribution over the probe images in place of what it wrote for an image, and seeing what changes. Only the direct effect is measured: later layers are left as they were."
    ),
    term(
      "Ambiguous",
      "What a head is called that the labeller could not decide about. It does not mean that the head writes nothing."),
    term(
      "Association",
      "The share of a model's labelled heads whose label fits at least three of their first five descriptions. A measure of the study arXiv 2409.06579; it is judged on texts and says nothing about images."
    ),
    term(
      "Attention head",
      "A part of a layer of a transformer that looks at all patches, weights them, and adds a sum of what it read to the embedding. A ViT-B has 12 in each of 12 layers."
    ),
    term(
      "Candidate descriptions",
      "The lines of text, also called the pool, from which the descriptions of heads are chosen."),
    term(
      "Centred cosine",
      "The cosine of two contributions after the mean of the head over the probe images is taken from both: without it all contributions of a head look alike."
    ),
    term(
      "Chance",
      "What a number would be if nothing were there: of random descriptions, of shuffled labels, of other heads of the same kind. It is grey in every figure."
    ),
    term(
      "Contribution",
      "What one head writes into the embedding of an image: a vector of the same space as the embeddings of texts. The contributions of all heads and the other terms sum to the embedding."
    ),
    term(
      "Contrast", "Two texts on one image: where a head's contribution speaks for the one and where for the other."),
    term(
      "Decomposition",
      "The embedding of an image as a sum of what each head, each MLP and the class token wrote into it, exact up to rounding."
    ),
    term(
      "Description",
      "A line of the pool whose direction a head's contributions vary along. TextSpan chooses them one after the other, each by what the ones before it left."
    ),
    term(
      "Direction, principal",
      "The direction along which a head's contributions to the probe images vary most; the next is at a right angle to it."
    ),
    term(
      "Effective rank", "In about how many directions a head's contributions vary: 1 for a line, more for a cloud."),
    term(
      "Embedding",
      "The vector that a CLIP model makes of an image or of a text. Images and texts that belong together lie near each other."
    ),
    term(
      "Entanglement",
      "How often labelled heads share a label, a measure of the study arXiv 2409.06579: the share of labelled heads whose label others have too. The study prints its complement under this name; the metrics page has both."
    ),
    term(
      "Evidence for a property",
      "The share of a head's variance that lies along the words of the property, beyond that along as many random descriptions: 0 by chance, 1 for a head that writes along nothing else."
    ),
    term("Gallery", "The images that have pages of their own."),
    term(
      "Label",
      "A word for what a head's descriptions have in common, given by hand, by words of labelled examples, or by a language model. A caption, not a finding: the evidence is what the head does."
    ),
    term(
      "Label set",
      "The properties that lead in nine of ten repetitions with other images; a large set is an uncertain head."),
    term("Layer", "A block of the transformer, counted from 0. The last ones write most of what texts can name."),
    term(
      "Map",
      "How much each patch of an image adds to a head's contribution along a text, or takes from it. Nothing is painted where it adds nothing. Colours end at the 99th percentile of the numbers without their sign; patches beyond are ringed."
    ),
    term(
      "MLP",
      "The part of a layer that works on each patch by itself. What it writes is a term of the decomposition, as a head's is."
    ),
    term("Patch", "A square of the image, the smallest thing that the model looks at."),
    term(
      "Poles",
      "The images at both ends of a head's first principal direction, and those around its median: what the head tells apart."
    ),
    term(
      "Probe set",
      "The images over which heads are measured and among which neighbours are looked for. They have no pages of their own."
    ),
    term("Property", "A family of words, such as colours, that heads may vary with."),
    term(
      "Register patch",
      "A place of the patch grid where a map is large in more than half of the gallery's images, whatever they show and whatever the text: among the twentieth of the patches with the largest numbers, and at least three times the mean. Vision transformers keep what they know of the whole image in a few patches (arXiv 2309.16588, 2506.08010); and some heads look at the same place always. There a map does not say where the text is seen, so such patches are hatched. Outliers whose place differs from image to image are not found."
    ),
    term(
      "Residual of the reconstruction",
      "What is missing when all contributions are summed: rounding only, about one part in ten million."),
    term(
      "Segmentation, zero-shot",
      "Cutting an object out of an image by the map of its text, without training for it: a patch belongs to the object where the map is above its mean. Where masks of objects are known, the method page has the scores of arXiv 2310.05916."
    ),
    term(
      "Selective for",
      "A head is selective for a fact, such as the colour of the object, where its contributions differ between images in which the fact differs, and little else matters. It can be said where the truth of images is known."
    ),
    term(
      "Stability",
      "How often a description or a label comes back when the probe images or the candidate descriptions are drawn anew."
    ),
    term(
      "TextSpan",
      "The method of Interpreting CLIP's Image Representation via Text-Based Decomposition: it takes the description along which a head varies most, removes that direction, and begins again."
    ),
    term(
      "Tower", "One of the two halves of a CLIP model: one reads images, the other texts."),
    term(
      "Variance",
      "How much a head's contributions differ from image to image. What never changes says nothing about an image."),
  ]

  private static func term(_ term: String, _ meaning: String) -> GlossaryTerm {
    GlossaryTerm(term: term, meaning: meaning)
  }
}

extension PageLead {
  func glossary() -> Markup {
    let entries: [Markup] = GlossaryTerm.all.map {
      "<div id=\"\($0.anchor)\"><dt>\($0.term)</dt><dd>\($0.meaning)</dd></div>\n"
    }
    return "<dl class=\"glossary\">\n\(entries)</dl>"
  }
}
