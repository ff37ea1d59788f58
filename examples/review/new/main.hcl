# What a pull request makes of ../old: orders have a better name, come an hour
# late, and stock is not counted at weekends any more.

waybill {
  defaults {
    timezone   = "America/Los_Angeles"
    file_dates = "schedule"
  }
}

courier "orders" {
  filedrop { url = "drop" }

  file "orders" {
    pattern = "orders-{yyyy}-{MM}-{dd}T{HH}.csv"
  }
}

courier "stock" {
  filedrop { url = "drop" }

  file "stock" {
    pattern = "stock-{yyyy}-{MM}-{dd}.csv"
  }
}

courier_group "shop" {
  schedule = "0 * * * *"

  courier "web_orders" {
    use = courier.orders
    wait { minutes = 30 }
    offset { hours = 1 }
  }
}

courier_group "stock" {
  schedule = "30 6 * * 1-5"

  courier "stock" {
    wait { minutes = 45 }
  }
}
