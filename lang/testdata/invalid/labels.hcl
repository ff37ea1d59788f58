courier { # ERROR WB704
  exec { command = ["fetch"] }
}

alert "data_ops" { # ERROR WB704
}

alert "slak" "data_ops" { # ERROR WB717
}

courier "daily orders" { # ERROR WB708
  exec { command = ["fetch"] }
}

courier_group "daily" {
  schedule = "0 13 * * *"
  alerts   = [alert.slack.data_ops]
  courier "fetch" "again" { # ERROR WB704
  }
}
