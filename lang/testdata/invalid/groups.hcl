courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "crm" {
  rest_api { url = "https://crm.example.com" } # WARNING WB851
}

bridge "lake" {
  exec { command = ["sync"] }
}

bridge "share" {
  direction = "outbound"
  exec { command = ["share"] }
}

process "stitch" {
  exec { command = ["stitch"] }
}

process "report" {
  after = [process.stitch]
  exec { command = ["report"] }
}

activation "campaign" "send" {
  exec { command = ["send"] }
}

alert "webhook" "pager" {
  webhook = "https://pager.example.com"
  on      = ["failed"]
}

courier_group "empty" { # ERROR WB801
  schedule = "0 13 * * *"
  couriers = []
}

courier_group "idle" {
  active = true # ERROR WB811
  bridge "share" {} # ERROR WB816
  after "lake" { group = courier_group.lake } # ERROR WB808
}

courier_group "unplanned" {
  processes = [process.stitch]
}

courier_group "resting" {
  schedule  = "0 3 * * *"
  active    = false
  processes = [process.stitch]
}

courier_group "lake" {
  schedule = "0 4 * * *"
  bridge "lake" {}
  after "unplanned" { group = courier_group.unplanned } # ERROR WB809
  after "resting" { group = courier_group.resting } # ERROR WB809
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  run_type    = "refresh"
  alerts      = [alert.webhook.pager]
  processes   = [process.report] # ERROR WB810
  activations = [activation.campaign.send] # WARNING WB812

  runtime_alert { exceeds = "1h" } # WARNING WB813 WARNING WB818
  sla { complete_within = "1h" } # WARNING WB813 WARNING WB818

  courier "orders" {
    wait { hours = 2 }
    notify_missing = false # WARNING WB807
  }
  courier "crm" {
    wait { hours = 2 } # WARNING WB806
  }
  bridge "lake" {} # WARNING WB815
}

courier_group "late" {
  schedule  = "0 14 * * *"
  processes = [process.stitch]
  after "daily" {
    group = courier_group.daily
    wait { minutes = 30 } # WARNING WB819
  }
}

courier_group "monthly" {
  schedule = "0 6 1 * *"
  courier "orders" { # WARNING WB821
    offset { days = 30 } # WARNING WB820
  }
  couriers = [courier.orders] # ERROR WB823
  accept   = ["WB9999", "WB801"] # ERROR WB824 ERROR WB825
}

courier_group "patient_bridge" {
  bridge "lake" {
    wait { hours = 1 } # ERROR WB702
  }
}
