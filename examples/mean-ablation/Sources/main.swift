import Analysis
import PluginHost

HeadAtlasPlugin.main(MeanAblation())
