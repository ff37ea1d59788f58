courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

process "stitch" {
  exec { command = ["stitch"] }
}

activation "campaign" "winback" {
  exec { command = ["send"] }
}

alert "webhook" "pager" {
  webhook = "https://pager.example.com"
  on      = ["failed"]
}

variable "zone" { default = "UTC" }

locals {
  hours = 2
}

courier_group "daily" {
  schedule    = "0 13 * * *"
  description = local.zone # ERROR WB710
  timezone    = var.zne # ERROR WB710
  file_dates  = zone # ERROR WB710
  run_type    = full # ERROR WB710
  couriers    = [courier.order, courier.orders] # ERROR WB710
  processes   = [process.stitch.exec] # ERROR WB710
  activations = [activation.winback] # ERROR WB710
  alerts      = [alert.pager] # ERROR WB710

  courier "ordrs" {} # ERROR WB710
  courier "again" {
    use = curier.orders # ERROR WB710
    wait { hours = var.hours } # ERROR WB710
  }
}

courier_group "kinds" {
  couriers    = [process.stitch] # ERROR WB711
  processes   = ["process.stitch"] # ERROR WB712
  activations = ["winback", activation.campaign.winback] # ERROR WB712
  alerts      = alert.webhook.pager # ERROR WB716
  courier "quoted" { use = "orders" } # ERROR WB712
}

courier_group "instances" {
  couriers = [courier.orders["us"]] # ERROR WB710
  description = each.key # ERROR WB710
}
