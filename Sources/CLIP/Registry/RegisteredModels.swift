import Images
import LinearAlgebra

extension RegisteredModel {
  /// The published models that a name stands for.
  ///
  /// Adding a model is adding a line.
  ///
  /// Sources: open_clip's tables of pretrained models (repositories, statistics, which tags are QuickGELU); zero-shot top-1 of
  /// the six models of arXiv 2409.06579 as printed there. A test compares this table with open_clip's own in `Tests/Goldens/registry.json`.
  package static let all: [RegisteredModel] = [
    RegisteredModel(
      "ViT-B-32", "openai", "timm/vit_base_patch32_clip_224.openai", also: "openai/clip-vit-base-patch32", .quickGELU,
      top1: 63.3),
    RegisteredModel("ViT-B-32", "laion400m_e31", "timm/vit_base_patch32_clip_224.laion400m_e31", .quickGELU),
    RegisteredModel("ViT-B-32", "laion400m_e32", "timm/vit_base_patch32_clip_224.laion400m_e32", .quickGELU),
    RegisteredModel("ViT-B-32", "laion2b_e16", "timm/vit_base_patch32_clip_224.laion2b_e16"),
    RegisteredModel("ViT-B-32", "laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"),
    RegisteredModel("ViT-B-32", "datacomp_xl_s13b_b90k", "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K"),
    RegisteredModel("ViT-B-32", "datacomp_m_s128m_b4k", "laion/CLIP-ViT-B-32-DataComp.M-s128M-b4K", top1: 29.7),
    RegisteredModel("ViT-B-32", "commonpool_m_clip_s128m_b4k", "laion/CLIP-ViT-B-32-CommonPool.M.clip-s128M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_m_laion_s128m_b4k", "laion/CLIP-ViT-B-32-CommonPool.M.laion-s128M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_m_image_s128m_b4k", "laion/CLIP-ViT-B-32-CommonPool.M.image-s128M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_m_text_s128m_b4k", "laion/CLIP-ViT-B-32-CommonPool.M.text-s128M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_m_basic_s128m_b4k", "laion/CLIP-ViT-B-32-CommonPool.M.basic-s128M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_m_s128m_b4k", "laion/CLIP-ViT-B-32-CommonPool.M-s128M-b4K"),
    RegisteredModel("ViT-B-32", "datacomp_s_s13m_b4k", "laion/CLIP-ViT-B-32-DataComp.S-s13M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_s_clip_s13m_b4k", "laion/CLIP-ViT-B-32-CommonPool.S.clip-s13M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_s_laion_s13m_b4k", "laion/CLIP-ViT-B-32-CommonPool.S.laion-s13M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_s_image_s13m_b4k", "laion/CLIP-ViT-B-32-CommonPool.S.image-s13M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_s_text_s13m_b4k", "laion/CLIP-ViT-B-32-CommonPool.S.text-s13M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_s_basic_s13m_b4k", "laion/CLIP-ViT-B-32-CommonPool.S.basic-s13M-b4K"),
    RegisteredModel("ViT-B-32", "commonpool_s_s13m_b4k", "laion/CLIP-ViT-B-32-CommonPool.S-s13M-b4K"),
    RegisteredModel(
      "ViT-B-32", "metaclip_400m", "timm/vit_base_patch32_clip_224.metaclip_400m", also: "facebook/metaclip-b32-400m",
      .quickGELU),
    RegisteredModel(
      "ViT-B-32", "metaclip_fullcc", "timm/vit_base_patch32_clip_224.metaclip_2pt5b",
      also: "facebook/metaclip-b32-fullcc2.5b", .quickGELU),
    RegisteredModel("ViT-B-32-256", "datacomp_s34b_b86k", "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K"),
    RegisteredModel(
      "ViT-B-16", "openai", "timm/vit_base_patch16_clip_224.openai", also: "openai/clip-vit-base-patch16", .quickGELU,
      top1: 68.3),
    RegisteredModel("ViT-B-16", "laion400m_e31", "timm/vit_base_patch16_clip_224.laion400m_e31"),
    RegisteredModel("ViT-B-16", "laion400m_e32", "timm/vit_base_patch16_clip_224.laion400m_e32"),
    RegisteredModel("ViT-B-16", "laion2b_s34b_b88k", "laion/CLIP-ViT-B-16-laion2B-s34B-b88K", top1: 70.2),
    RegisteredModel("ViT-B-16", "datacomp_xl_s13b_b90k", "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K"),
    RegisteredModel("ViT-B-16", "datacomp_l_s1b_b8k", "laion/CLIP-ViT-B-16-DataComp.L-s1B-b8K"),
    RegisteredModel("ViT-B-16", "commonpool_l_clip_s1b_b8k", "laion/CLIP-ViT-B-16-CommonPool.L.clip-s1B-b8K"),
    RegisteredModel("ViT-B-16", "commonpool_l_laion_s1b_b8k", "laion/CLIP-ViT-B-16-CommonPool.L.laion-s1B-b8K"),
    RegisteredModel("ViT-B-16", "commonpool_l_image_s1b_b8k", "laion/CLIP-ViT-B-16-CommonPool.L.image-s1B-b8K"),
    RegisteredModel("ViT-B-16", "commonpool_l_text_s1b_b8k", "laion/CLIP-ViT-B-16-CommonPool.L.text-s1B-b8K"),
    RegisteredModel("ViT-B-16", "commonpool_l_basic_s1b_b8k", "laion/CLIP-ViT-B-16-CommonPool.L.basic-s1B-b8K"),
    RegisteredModel("ViT-B-16", "commonpool_l_s1b_b8k", "laion/CLIP-ViT-B-16-CommonPool.L-s1B-b8K"),
    RegisteredModel("ViT-B-16", "dfn2b", "apple/DFN2B-CLIP-ViT-B-16", .quickGELU),
    RegisteredModel(
      "ViT-B-16", "metaclip_400m", "timm/vit_base_patch16_clip_224.metaclip_400m", also: "facebook/metaclip-b16-400m",
      .quickGELU),
    RegisteredModel(
      "ViT-B-16", "metaclip_fullcc", "timm/vit_base_patch16_clip_224.metaclip_2pt5b",
      also: "facebook/metaclip-b16-fullcc2.5b", .quickGELU),
    RegisteredModel("ViT-B-16-plus-240", "laion400m_e31", "timm/vit_base_patch16_plus_clip_240.laion400m_e31"),
    RegisteredModel("ViT-B-16-plus-240", "laion400m_e32", "timm/vit_base_patch16_plus_clip_240.laion400m_e31"),
    RegisteredModel(
      "ViT-L-14", "openai", "timm/vit_large_patch14_clip_224.openai", also: "openai/clip-vit-large-patch14", .quickGELU,
      top1: 75.5),
    RegisteredModel("ViT-L-14", "laion400m_e31", "timm/vit_large_patch14_clip_224.laion400m_e31"),
    RegisteredModel("ViT-L-14", "laion400m_e32", "timm/vit_large_patch14_clip_224.laion400m_e32"),
    RegisteredModel(
      "ViT-L-14", "laion2b_s32b_b82k", "laion/CLIP-ViT-L-14-laion2B-s32B-b82K", statistics: .half, top1: 75.3),
    RegisteredModel("ViT-L-14", "datacomp_xl_s13b_b90k", "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K"),
    RegisteredModel("ViT-L-14", "commonpool_xl_clip_s13b_b90k", "laion/CLIP-ViT-L-14-CommonPool.XL.clip-s13B-b90K"),
    RegisteredModel("ViT-L-14", "commonpool_xl_laion_s13b_b90k", "laion/CLIP-ViT-L-14-CommonPool.XL.laion-s13B-b90K"),
    RegisteredModel("ViT-L-14", "commonpool_xl_s13b_b90k", "laion/CLIP-ViT-L-14-CommonPool.XL-s13B-b90K"),
    RegisteredModel(
      "ViT-L-14", "metaclip_400m", "timm/vit_large_patch14_clip_224.metaclip_400m", also: "facebook/metaclip-l14-400m",
      .quickGELU),
    RegisteredModel(
      "ViT-L-14", "metaclip_fullcc", "timm/vit_large_patch14_clip_224.metaclip_2pt5b",
      also: "facebook/metaclip-l14-fullcc2.5b", .quickGELU),
    RegisteredModel("ViT-L-14", "dfn2b", "apple/DFN2B-CLIP-ViT-L-14", .quickGELU),
    RegisteredModel("ViT-L-14", "dfn2b_s39b", "apple/DFN2B-CLIP-ViT-L-14-39B"),
    RegisteredModel(
      "ViT-L-14-336", "openai", "timm/vit_large_patch14_clip_336.openai", also: "openai/clip-vit-large-patch14-336",
      .quickGELU),
    RegisteredModel("ViT-H-14", "laion2b_s32b_b79k", "laion/CLIP-ViT-H-14-laion2B-s32B-b79K"),
    RegisteredModel(
      "ViT-H-14", "metaclip_fullcc", "timm/vit_huge_patch14_clip_224.metaclip_2pt5b",
      also: "facebook/metaclip-h14-fullcc2.5b", .quickGELU),
    RegisteredModel("ViT-H-14", "metaclip_altogether", "timm/vit_huge_patch14_clip_224.metaclip_altogether"),
    RegisteredModel("ViT-H-14", "dfn5b", "apple/DFN5B-CLIP-ViT-H-14", .quickGELU, resize: .squash),
    RegisteredModel("ViT-H-14-378", "dfn5b", "apple/DFN5B-CLIP-ViT-H-14-378", .quickGELU, resize: .squash),
    RegisteredModel("ViT-g-14", "laion2b_s12b_b42k", "laion/CLIP-ViT-g-14-laion2B-s12B-b42K"),
    RegisteredModel("ViT-g-14", "laion2b_s34b_b88k", "laion/CLIP-ViT-g-14-laion2B-s34B-b88K"),
    RegisteredModel("ViT-bigG-14", "laion2b_s39b_b160k", "laion/CLIP-ViT-bigG-14-laion2B-39B-b160k"),
    RegisteredModel("ViT-bigG-14", "metaclip_fullcc", "timm/vit_gigantic_patch14_clip_224.metaclip_2pt5b", .quickGELU),
  ]
}
