#!/bin/sh
exec headatlas plugin test "$(dirname "$0")"
