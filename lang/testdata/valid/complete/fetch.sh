#!/bin/sh
echo fetch
