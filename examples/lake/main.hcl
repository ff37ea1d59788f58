# Exports of partners, decompressed on their way into a bucket:
#
#   waybill plan --var lake='s3://my-lake/in?region=eu-central-1'
#   waybill run exports --date 2026-11-21
#
# The bucket is reached with what the AWS tools would use here: the environment, a
# profile, or the role of the machine.

variable "lake" {
  type        = string
  default     = "s3://acme-lake/in?region=eu-central-1"
  description = "Where data lands: a folder, or the URL of a bucket"
}

waybill {
  landing = var.lake
}

# orders-20261121.csv.gz lands as orders-20261121.csv, with its rows in the manifest.
courier "orders" {
  filedrop { url = "inbox" }

  file "orders" {
    pattern    = "orders-{yyyy}{MM}{dd}.csv.gz"
    decompress = "auto"
  }

  ready { stable_for = "0s" }
}

# documents-20261121.zip lands as a folder of that name.
courier "documents" {
  filedrop { url = "inbox" }

  file "documents" {
    pattern      = "documents-{yyyy}{MM}{dd}.*"
    decompress   = "auto"
    max_unpacked = "20GB"
  }

  ready { stable_for = "0s" }
}

# It is given the URL of a list of what has landed: s3://acme-lake/in/exports/_runs/…
process "load" {
  exec { command = ["./load.sh", run.landing] }
}

courier_group "exports" {
  schedule   = "0 6 * * *"
  timezone   = "UTC"
  file_dates = "utc"
  couriers   = [courier.orders, courier.documents]
  processes  = [process.load]

  defaults {
    offset { days = 1 }
    wait { minutes = 30 }
  }
}
