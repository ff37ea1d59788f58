courier { # ERROR WB704
  exec { command = ["fetch"] }
}

variable { # ERROR WB704
  default = "UTC"
}

courier_group "daily" {
  schedule = "0 13 * * *"
  timezone = var.zone
  couriers = [courier.fetch]
}
