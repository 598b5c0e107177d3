import FlowMatching
import FlowMatchingCommands

// All commands of `flowmatch`, in which `--model tiny` is a network like any other.
Networks.registry.register(TinyNetwork.Configuration())
Flowmatch.main()
