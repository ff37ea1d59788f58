# A Waybill workspace: what is pulled, from where, and when.
#
#   waybill validate     checks it
#   waybill plan         shows what would change and what will run
#   waybill apply        applies it to the store in .waybill
#   waybill run daily    runs the group now
#   waybill serve        runs every group on its schedule
#
# All .hcl files of this directory are read together. Their names and the order
# of the blocks mean nothing.

waybill {
  landing = "landing" # where what was pulled goes
}

# A courier pulls data from one place. This one takes files from a folder.
courier "orders" {
  filedrop {
    url = "inbox" # a folder of this workspace
  }

  # One file for every day; the date in its name decides which run takes it.
  file "orders" {
    pattern = "orders-{yyyy}-{MM}-{dd}.csv"
  }

  # Taken if it is there; if not, the run only warns.
  file "returns" {
    pattern  = "returns-{yyyy}-{MM}-{dd}.csv"
    optional = true
  }

  # A file counts once nobody has written to it for this long.
  ready {
    stable_for = "5s"
  }
}

# A process works on what has landed, once every courier is done. It is told
# where the list of new files is.
#
# process "load" {
#   exec { command = ["./load.sh", run.landing] }
# }

# A courier group runs couriers together, on one schedule.
courier_group "daily" {
  description = "Yesterday's orders, every morning"
  schedule    = "0 6 * * *" # minute, hour, day of month, month, day of week
  timezone    = "UTC"       # any IANA zone, such as Europe/Berlin

  courier "orders" {
    wait { minutes = 30 } # how long a missing file is waited for
    offset { days = 1 }   # at 06:00 read the day before, which is complete
  }

  # processes = [process.load]
}
