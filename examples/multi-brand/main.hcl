# Forty brands, each with three feeds and each in its own time zone: one block for
# each kind of thing, made for every brand by for_each. Staging has three brands.
#
#   waybill plan --offline --at 2026-06-15T00:00:00Z examples/multi-brand
#
# A brand is added or taken away in one line, and no other brand's plan changes.

variable "env" {
  type        = string
  description = "prod or staging"
  default     = "staging"

  validation {
    condition     = contains(["prod", "staging"], var.env)
    error_message = "env is prod or staging."
  }
}

locals {
  # Which brands share a clock, and when their night ends there.
  regions = {
    america = { zone = "America/New_York", hour = 5, brands = ["acme", "apex", "birch", "cobalt", "dune", "ember", "fern", "globex", "harbor", "initech"] }
    pacific = { zone = "America/Los_Angeles", hour = 4, brands = ["iris", "juniper", "kestrel", "lumen", "maple", "nimbus", "onyx", "pine"] }
    europe  = { zone = "Europe/London", hour = 6, brands = ["quartz", "raven", "sable", "tulip", "umber", "vesper", "willow", "xenon", "yarrow", "zephyr"] }
    asia    = { zone = "Asia/Tokyo", hour = 7, brands = ["aki", "botan", "chika", "daiki", "emi", "fuji", "gin", "hana"] }
    india   = { zone = "Asia/Kolkata", hour = 6, brands = ["amla", "bela", "chandan", "devi"] }
  }

  every_brand = merge([
    for name, r in local.regions : { for b in r.brands : b => { zone = r.zone, hour = r.hour, region = name } }
  ]...)

  brands = var.env == "prod" ? local.every_brand : { for b in ["acme", "emi", "quartz"] : b => local.every_brand[b] }

  # Three feeds of each brand: "acme-orders" and so on.
  feeds = merge([
    for b, brand in local.brands : { for f in ["orders", "customers", "stock"] : "${b}-${f}" => { brand = b, feed = f } }
  ]...)
}

waybill {
  landing = "landing/${var.env}"
}

courier "feed" {
  for_each = local.feeds

  filedrop {
    url = "drop/${var.env}/${each.value.brand}"
  }

  file "data" {
    pattern = "${each.value.feed}-{yyyy}{MM}{dd}.csv"
  }
}

process "stitch" {
  for_each = local.brands

  exec {
    command = ["stitch", each.key, run.landing]
  }
}

courier_group "brand" {
  for_each    = local.brands
  description = "The feeds of ${each.key}"
  schedule    = "15 ${each.value.hour} * * *"
  timezone    = each.value.zone
  file_dates  = "schedule"
  couriers    = [for f in ["orders", "customers", "stock"] : courier.feed["${each.key}-${f}"]]
  processes   = [process.stitch[each.key]]

  defaults {
    wait { hours = 2 }
    offset { days = 1 }
  }
}

# When every brand is in, the comparison of all of them.
process "compare" {
  exec {
    command = ["compare", "${length(local.brands)}"]
  }
}

courier_group "all_brands" {
  schedule  = "0 18 * * *"
  timezone  = "UTC"
  processes = [process.compare]

  after "brands" {
    group = courier_group.brand
    wait { hours = 3 }
  }
}
