courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

process "stitch" {
  timeout = "-1h" # ERROR WB718
  retry {
    attempts    = 0 # ERROR WB720
    backoff     = "90" # ERROR WB718
    max_backoff = "5m1h" # ERROR WB718
  }
  exec { command = ["stitch"] }
}

process "report" {
  timeout = "0s" # ERROR WB718
  retry {
    backoff     = "2m"
    max_backoff = "1m" # ERROR WB720
  }
  exec { command = ["report"] }
}

courier_group "daily" {
  schedule  = "0 13 * * *"
  processes = [process.stitch, process.report]
  max_range = "4000d" # ERROR WB718
  expected_runtime = "1 hour" # ERROR WB718

  defaults {
    wait {} # ERROR WB719
    offset {} # ERROR WB719
  }

  courier "orders" {
    wait {
      hours   = -2 # ERROR WB719
      minutes = 1.5 # ERROR WB719
      months  = 1 # ERROR WB719
      weeks   = 2 # ERROR WB719
    }
    offset {
      days  = 40000 # ERROR WB719
      hours = "two" # ERROR WB716
      week  = 1 # ERROR WB703
    }
  }
}

courier_group "weekly" {
  schedule         = "0 13 * * 1"
  expected_runtime = "1000000w" # ERROR WB718
  max_range        = "99999999999999999999h" # ERROR WB718

  defaults {
    wait { hours = null } # ERROR WB719
    offset { # ERROR WB719
      days  = null
      hours = null
    }
  }

  courier "orders" { # WARNING WB821
    wait { weeks = 1 } # ERROR WB719
    offset {
      days  = 1
      hours = null
    }
  }
}
