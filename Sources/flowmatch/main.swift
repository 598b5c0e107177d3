import FlowMatchingCommands

Flowmatch.main()
