"""Regional verification (区县核实): what regions confirm, what is otherwise there (地方口径), and who is waited for."""
