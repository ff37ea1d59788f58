process "bounded" {
  exec {
    command = ["true"]

    limits {
      memory     = "2 gigs" # ERROR WB734
      cpu_time   = "0s" # ERROR WB718
      open_files = 3 # ERROR WB720
    }
  }
}

courier_group "all" {
  processes = [process.bounded]
}
