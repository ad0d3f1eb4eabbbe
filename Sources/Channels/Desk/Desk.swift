import HeatModel
