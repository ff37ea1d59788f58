#!/bin/sh
echo send
