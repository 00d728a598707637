<?xml version="1.0"?>
<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>Title                  </title></titleInfo><recordInfo/></mods>
