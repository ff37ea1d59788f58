echo stitch
