# What no other source can read: a program fetches it, into a folder that it is given.
# Here it takes the rates of a day from the folder "published", which stands for a server.
#
#   waybill apply
#   waybill run daily --date 2026-11-20

waybill {
  landing = "landing"
}

variable "wait_seconds" {
  type        = number
  default     = 7200
  description = "How long a day waits for its rates"
}

variable "poll_every" {
  type        = string
  default     = "5m"
  description = "How often the program is asked again while they are not published"
}

# Asked for when it is needed, and kept in memory only. key.sh stands for the command of
# a password manager.
secret "rates_key" {
  exec { command = ["./key.sh"] }
}

# Exit status 75 says that there is nothing yet. What lands is what the program has
# written, whole, once a run.
courier "rates" {
  poll_every = var.poll_every

  exec {
    command     = ["./fetch.sh", formatdate("YYYY-MM-DD", range.start)]
    environment = { RATES_KEY = secret.rates_key }
  }

  retry {
    attempts = 2
    backoff  = "1s"
  }
}

courier_group "daily" {
  schedule = "0 7 * * *"
  timezone = "UTC"

  courier "rates" {
    offset { hours = 7 } # from midnight to midnight
    wait { seconds = var.wait_seconds }
  }
}
