import Ablation
import Analysis
import ContrastiveSegmentation
import Explanations
import GroundTruth
import HeadProfile
import ImageNeighbours
import LabelMetrics
import Method
import PropertyNeighbours
import Stability
import TextNeighbours
import TopicSegmentation
import Twins
import TwoTowers

/// The plugins that the program comes with, in the order in which they run.
///
/// A new folder in `Plugins/` is a module; one line here makes it part of every atlas.
let builtInPlugins: [any AnalysisPlugin] = [
  HeadProfilePlugin(),
  StabilityPlugin(),
  ExplanationsPlugin(),
  LabelMetricsPlugin(),
  MethodPlugin(),
  GroundTruthPlugin(),
  PropertyNeighboursPlugin(),
  TopicSegmentationPlugin(),
  ContrastiveSegmentationPlugin(),
  ImageNeighboursPlugin(),
  TextNeighboursPlugin(),
  AblationPlugin(),
  TwinsPlugin(),
  TwoTowersPlugin(),
]
