# Four sources that keep time in four ways, loaded by one group every day at
# 13:00 UTC. Each courier's offset moves both ends of the range it reads, so that
# all four bring the data that belongs together.
#
#   waybill plan --offline --at 2026-06-15T00:00:00Z examples/heterogeneous
#
# The second source can be read in two ways: as written in words, with an offset
# of 30 minutes, or as drawn in a picture, with none and a wait of 30 minutes. The
# file it takes is the same; --var reading=picture plans the picture.

waybill {
  landing = "landing"
}

variable "reading" {
  type    = string
  default = "text"
}

secret "campaign_monitor_key" { env = "CAMPAIGN_MONITOR_KEY" }
secret "salesforce_token" { env = "SALESFORCE_TOKEN" }

# 1. A bucket; the file that is there at 13:00 carries yesterday's date.
courier "s3_yesterday" {
  filedrop {
    url = "s3://example-drop/yesterday?region=us-east-1"
  }

  file "daily" {
    pattern = "{yyyy}/{MM}/{dd}/customers.csv"
  }
}

# 2. A bucket; the file carries today's date and arrives shortly before 13:00.
courier "s3_today" {
  filedrop {
    url = "s3://example-drop/today?region=us-east-1"
  }

  file "daily" {
    pattern = "{yyyy}/{MM}/{dd}/orders.csv"
  }
}

# 3. An interface that is asked for a stretch of time: all of yesterday.
courier "campaign_monitor" {
  rest_api {
    url = "https://api.createsend.com/api/v3.3/campaigns.json?from=${range.start}&to=${range.end}"

    basic_auth {
      username = secret.campaign_monitor_key
      password = "x"
    }
  }
}

# 4. An interface that always gives everything.
courier "salesforce" {
  rest_api {
    url           = "https://example.my.salesforce.com/services/data/v60.0/query"
    bearer_token  = secret.salesforce_token
    ignores_range = true
  }
}

courier_group "daily" {
  description = "Four sources, four habits, one day of data"
  schedule    = "0 13 * * *"
  timezone    = "UTC"

  courier "s3_yesterday" {
    offset { hours = 24 }
  }

  courier "s3_today" {
    wait { minutes = var.reading == "picture" ? 30 : 0 }
    offset { minutes = var.reading == "picture" ? 0 : 30 }
  }

  courier "campaign_monitor" {
    offset { hours = 13 }
  }

  courier "salesforce" {}
}
