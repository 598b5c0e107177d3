// The engine alone by one import: symbolic tensors, derivatives, compilation, devices.
@_exported public import Compute
@_exported public import StableHLO
@_exported public import Tensors
