"""Where knowledge came from and whom to thank (来处与致谢); it has no tables: everything is read from what happened."""
