// Models, paths, solvers, training and sampling by one import. What is behind a choice stays in its module.
@_exported public import Compute
@_exported public import Datasets
@_exported public import Flows
@_exported public import Models
@_exported public import NN
@_exported public import Quality
@_exported public import Sampling
@_exported public import Settings
@_exported public import StableHLO
@_exported public import Tensors
@_exported public import Training
