# Two interfaces, every morning at 05:00 UTC: the events of a marketing API, of
# yesterday and page by page, and all contacts of a CRM, which always gives
# everything.
#
#   waybill plan --offline --at 2026-11-20T12:00:00Z examples/rest-api
#
# docs/sources/rest-api.md says what every setting does, and how it looks when
# something is wrong.

waybill {
  landing = "landing"
}

# Where the interfaces are. Another environment, or a test, gives others.
variable "marketing" {
  type    = string
  default = "https://api.marketing.example.com"
}

variable "crm" {
  type    = string
  default = "https://acme.crm.example.com"
}

secret "marketing_key" { env = "MARKETING_KEY" }
secret "crm_client" { env = "CRM_CLIENT_SECRET" }

# 1. What happened between two instants. The answer holds a cursor that leads to
# the next page; the last page has none. At most ten requests in a second are
# allowed, and who asks faster is told to wait.
courier "events" {
  rest_api {
    url     = "${var.marketing}/v3/events?from=${range.start}&to=${range.end}&limit=500"
    headers = { X-Api-Key = secret.marketing_key }
    records = "data.events"

    paging {
      cursor {
        path      = "meta.next_cursor"
        parameter = "cursor"
      }
    }

    rate { requests = 10 }
  }
}

# 2. All contacts, each time: the range is shown as ignored. The token holds for an
# hour and is renewed on the way. The answer says how many contacts there are, so
# that a page that goes missing is noticed.
courier "contacts" {
  timeout = "2h"

  rest_api {
    url           = "${var.crm}/services/contacts?order=id"
    ignores_range = true
    records       = "records"

    oauth2 {
      token_url     = "${var.crm}/oauth2/token"
      client_id     = "waybill"
      client_secret = secret.crm_client
      scopes        = ["contacts.read"]
    }

    paging {
      offset {
        size           = 200
        size_parameter = "limit"
        total          = "total"
      }
    }
  }

  retry {
    attempts    = 5
    backoff     = "30s"
    max_backoff = "15m"
  }
}

courier_group "daily" {
  description = "Yesterday's events, and all contacts"
  schedule    = "0 5 * * *"
  timezone    = "UTC"

  courier "events" {
    offset { hours = 5 } # from midnight to midnight
  }

  courier "contacts" {}
}
