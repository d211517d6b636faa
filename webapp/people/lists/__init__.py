"""Lists of units and residents, as offices keep them: read, understood, and planned; doing is the desk's."""
