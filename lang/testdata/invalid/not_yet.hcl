module "feeds" { # ERROR WB729
  source = "./feeds"
}

output "next" { # ERROR WB729
  value = 1
}

policy "no_sundays" { # ERROR WB729
}

courier "orders" {
  count = 2 # ERROR WB729
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

process "stitch" {
  depends_on = [courier.orders] # ERROR WB703
  lifecycle { # ERROR WB729
  }
  exec { command = ["stitch"] }
}

courier_group "daily" {
  schedule   = "0 13 * * *"
  depends_on = [courier.orders] # ERROR WB729
  couriers   = [courier.orders]
  processes  = [process.stitch]
}
