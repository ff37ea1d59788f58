# What is applied. ../new is what a pull request makes of it.

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

  courier "orders" {
    wait { minutes = 30 }
  }
}

courier_group "stock" {
  schedule = "30 6 * * *"

  courier "stock" {
    wait { hours = 2 }
  }
}
