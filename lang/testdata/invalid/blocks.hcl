couriers "orders" { # ERROR WB702
  filedrop { url = "drop" }
}

workflow "nightly" { # ERROR WB729
}

schedule { # ERROR WB702
  cron = "0 13 * * *"
}

couriers = [] # ERROR WB703

courier "orders" {
  filedrops { url = "drop" } # ERROR WB702
  exec { command = ["fetch"] }
  timeout { minutes = 5 } # ERROR WB702
  wait { hours = 2 } # ERROR WB702
}

locals {
  zone "x" { # ERROR WB702
  }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
  dst      = "skip" # ERROR WB703
}
