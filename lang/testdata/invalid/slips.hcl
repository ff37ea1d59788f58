# What is written from habit, and what to write here.

courier "habits" {
  s3 { # ERROR WB702
    bucket = "orders"
  }
  file "iso" { pattern = "orders-yyyy-MM-dd.csv" } # ERROR WB421
  file "strftime" { pattern = "orders-%Y%m%d.csv" } # ERROR WB421
  file "shell" { pattern = "orders-${yyyy}{MM}{dd}.csv" } # ERROR WB710
  file "yaml" {
    pattern  = "orders.csv"
    optional = yes # ERROR WB710
  }
  ready { stable_for = "2hrs" } # ERROR WB718
}

group "dag" { # ERROR WB702
  courier "habits" {
  }
}

courier_group "clock" {
  schedule = "6:05" # ERROR WB105
  timezone = "UTC+2" # ERROR WB501

  defaults {
    wait = "2hrs" # ERROR WB703
  }

  courier "habits" {
    offset = "1d" # ERROR WB703
    wait   = "90" # ERROR WB703
  }

  after "words" {
    group = courier_group.words
    wait { hours = 1.5 } # ERROR WB719
    offset { days = -1 } # ERROR WB719
  }
}

courier_group "words" {
  schedule = "every day at six" # ERROR WB105
  timezone = "UTC"
  expected_runtime = "5 min" # ERROR WB718
  max_range = "2H" # ERROR WB718
  sla { complete_within = "1.5h" } # WARNING WB813 ERROR WB718

  defaults {
    wait { mins = 30 } # ERROR WB703
    offset { hours = "30m" } # ERROR WB716
  }
  couriers = [courier.habits] # WARNING WB821
}

courier "urls" { # WARNING WB814
  warehouse {
    url   = "sqlite:sales.db" # ERROR WB703
    query = "select 1"
  }
}

courier "elsewhere" { # WARNING WB814
  filedrop { url = "~/inbox" } # ERROR WB720
  file "shell" { pattern = "orders-[0-9]*.csv" } # ERROR WB426
}

courier "wildcard" { # WARNING WB814
  filedrop { url = "inbox/*.csv" } # ERROR WB720
  file "orders" { pattern = "orders.csv" }
}

courier "drive" { # WARNING WB814
  filedrop { url = "C:\\data\\inbox" } # ERROR WB720
  file "orders" { pattern = "orders.csv" }
}

process "line" { # WARNING WB814
  exec { command = ["echo done > done.txt"] } # ERROR WB720
}

process "script" { # WARNING WB814
  exec { command = ["./load.sh --fast"] } # ERROR WB720
}
