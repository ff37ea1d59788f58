#!/bin/sh
echo stitch
