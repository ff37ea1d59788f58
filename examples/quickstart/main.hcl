# Three couriers over CSV files, one group, one process, one activation.
# 'make demo' (or ./demo.sh) plans, applies and runs it on the files in inbox.

waybill {
  landing = "landing"
}

# One file a day. It arrives late in the demo, but within the wait.
courier "orders" {
  poll_every = "1s"

  filedrop {
    url = "inbox/orders"
  }

  file "orders" {
    pattern = "orders-{yyyy}-{MM}-{dd}.csv"
  }

  ready {
    stable_for = "1s"
  }
}

# Two files a day. There are not always returns, so that file is optional.
courier "shops" {
  filedrop {
    url = "inbox/shops"
  }

  file "sales" {
    pattern = "{yyyy}/{MM}/{dd}/sales-*.csv"
  }

  file "returns" {
    pattern  = "{yyyy}/{MM}/{dd}/returns.csv"
    optional = true
  }

  ready {
    stable_for = "1s"
  }
}

# A folder in which the date is the folder's name.
courier "stock" {
  filedrop {
    url = "inbox/stock"
  }

  file "levels" {
    pattern = "{yyyy}{MM}{dd}/levels.csv"
  }

  ready {
    stable_for = "1s"
  }
}

# Runs once every courier has landed, with the list of what has landed.
process "count" {
  exec { command = ["./count.sh", run.landing, "report.txt"] }
}

# Runs once every process has succeeded.
activation "orchestration" "announce" {
  exec { command = ["./announce.sh", "report.txt", "announced.txt"] }

  on_unknown = "retry" # if it is killed: announce.sh leaves out what it has told
}

courier_group "daily" {
  description = "Yesterday's shop data, every morning"
  schedule    = "30 1 * * *"
  timezone    = "America/New_York"
  file_dates  = "schedule" # file names follow New York's calendar, too

  dst { # 01:30 occurs twice on a day in November: run once, at the first
    gap  = "next_valid"
    fold = "first"
  }

  defaults {
    offset { days = 1 }
  }

  courier "orders" {
    wait { seconds = 20 }
  }

  couriers    = [courier.shops, courier.stock]
  processes   = [process.count]
  activations = [activation.orchestration.announce]
}
