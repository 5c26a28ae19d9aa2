"""Training as a loop (培训闭环): need → plan → lessons → evaluation → the proposal for the next plan."""
