import FlowMatching
import FlowMatchingCommands
import SmoothPath

// All commands of `flowmatch`, in which `--set path=smooth` is a path like any other.
ProbabilityPaths.registry.register(SmoothPath())
Flowmatch.main()
