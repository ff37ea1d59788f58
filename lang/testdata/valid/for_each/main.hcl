variable "env" { default = "prod" }

locals {
  brands = {
    acme   = { zone = "Europe/London", at = "0 6 * * *" }
    globex = { zone = "America/New_York", at = "30 5 * * *" }
  }
  hooks  = toset(["ops", "data \"eu\" ${"$"}{x}"])
  chosen = "acme"
}

secret "hook" { env = "HOOK" }

alert "webhook" "told" {
  for_each = local.hooks
  webhook  = secret.hook
  on       = ["failed", "missing"]
}

courier "feed" {
  for_each = local.brands
  landing  = "landing/${each.key}"

  filedrop { url = "drop/${var.env}/${each.key}" }
  file "orders" { pattern = "${each.key}-{yyyy}{MM}{dd}.csv" }
}

courier "copy" {
  for_each = courier.feed

  exec {
    command = ["copy", each.key, range.start]
  }
}

bridge "share" {
  for_each = toset(keys(local.brands))
  exec { command = ["share", each.value, run.id] }
}

process "stitch" {
  for_each = local.brands
  exec { command = ["stitch", each.key, run.landing] }
}

process "report" {
  for_each = local.brands
  after    = [process.stitch[each.key]]
  exec { command = ["report", each.value.zone] }
}

activation "campaign" "send" {
  for_each = { for k, b in local.brands : k => b if b.zone != "" }
  exec { command = ["send", each.key] }
}

courier_group "share" {
  for_each = bridge.share
  schedule = "0 3 * * *"

  bridge "share" { use = each.value }
}

courier_group "daily" {
  for_each    = local.brands
  schedule    = each.value.at
  timezone    = each.value.zone
  file_dates  = "schedule"
  couriers    = [courier.copy[each.key]]
  processes   = [process.stitch[each.key], process.report[each.key]]
  activations = [activation.campaign.send[each.key]]
  alerts      = values(alert.webhook.told)

  courier "feed" {
    use = courier.feed[each.key]
    wait { hours = each.key == "acme" ? 2 : 3 }
  }

  after "share" {
    group = courier_group.share[each.key]
    wait { hours = 1 }
  }
}

courier_group "all" {
  schedule = "0 20 * * *"
  couriers = concat(
    [courier.feed["acme"], courier.feed[local.chosen]],
    [for k in ["globex"] : courier.feed[k]],
    [contains(keys(courier.copy), local.chosen) ? null : courier.copy["${local.chosen}!"]],
    [for k, c in courier.copy : c],
  )

  after "brands" {
    group = courier_group.daily
    wait { hours = 1 }
  }
}

courier "several" {
  filedrop { url = "drop/several" }

  dynamic "file" {
    for_each = ["orders", "returns"]
    labels   = [file.value]

    content {
      pattern  = "${file.value}-{yyyy}{MM}{dd}.csv"
      optional = file.key == "1"
    }
  }
}

courier_group "several" {
  for_each = toset(["morning", "evening"])

  dynamic "courier" {
    for_each = courier.copy
    iterator = brand
    labels   = ["${each.key}_${brand.key}"]

    content {
      use = brand.value

      dynamic "wait" {
        for_each = each.key == "morning" ? [1] : []
        content {
          hours = wait.value
        }
      }
    }
  }

  couriers = [courier.several]
}

courier_group "none" {
  for_each = {}
  schedule = "0 1 * * *"
  couriers = [courier.several]
}

courier_group "after_none" {
  schedule = "0 2 * * *"
  couriers = concat([courier.several], values(courier_group.none))

  after "none" {
    group = courier_group.none
  }
}
