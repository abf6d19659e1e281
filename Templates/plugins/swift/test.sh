#!/bin/sh
cd "$(dirname "$0")" && swift build -c release && exec headatlas plugin test .
