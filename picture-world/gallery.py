"""The curated scenes: facts of the whole, then one or two groups of objects after bars; `#n` picks another variant."""

SCENES = [line.strip() for line in """
beach sunny day photo | red striped umbrella left large | yellow cat right small
meadow sunny day photo | 3 white woolly rabbit bottom
sea sunset photo | brown wooden boat center large
mountains snowy day photo | red woolly house center large
forest autumn day photo | orange mushroom left large | blue bird right small
city night photo | yellow shiny car bottom large
room day photo | purple striped chair left large | orange cat right small
kitchen day photo | blue dotted teapot left large | red striped cup right small
garden sunny day photo | pink flower right large | black dotted butterfly left small
space photo | white rocket top large | green turtle bottom small
underwater day photo | orange striped fish left large | purple castle right large
desert sunset photo | 3 purple balloon top
beach sunset silhouette | black tree right large
forest foggy day silhouette | 2 black rabbit bottom large
city sunset silhouette | black bird top large | black cat bottom small
sea night silhouette | black boat center large
mountains sunset silhouette | black castle top large
meadow night silhouette | purple tree left large | purple dog right small
underwater day silhouette | 3 blue fish center
beach sunny day pixel | green striped ball left large | pink snail right small
city night pixel | red car bottom large
space pixel | yellow star top large | red rocket bottom large
forest autumn day pixel | white house center large
underwater day pixel | yellow fish right large | blue turtle left small
mountains snowy night pixel | 2 brown wooden house center large
garden sunny day pixel | 4 red apple center
kitchen day pixel | white cake center large
desert sunny day pixel | green train left large | orange kite right small
meadow sunny day drawing | blue checkered kite top large | brown dog bottom small
garden rainy day drawing | green umbrella right large | gray snail left small
room night drawing | red shiny guitar center large
kitchen sunset drawing | pink dotted cake center large
sea sunny day drawing | white boat right large | yellow ball left small
forest snowy day drawing | gray woolly cat left large | red bird right small
city rainy day drawing | yellow checkered umbrella center large
mountains sunny day drawing | purple train bottom large
space drawing | 5 yellow star center
beach sunset drawing | orange castle left large | blue turtle right small
desert sunny day drawing | pink cup center large
underwater day drawing | 2 green turtle center large
sea rainy day photo | orange checkered umbrella left large | white teapot right small
sea snowy night photo | green tree center large
city autumn day photo | brown dog left large | red ball right small
city snowy sunset photo | pink heart top large
city foggy day photo | 2 black car bottom large
mountains foggy day photo | orange striped balloon top large
mountains night photo | red train center large
desert night photo | gray shiny rocket right large | yellow flower left small
meadow rainy day photo | red checkered mushroom left large | green snail right large
meadow foggy sunset photo | brown wooden guitar left large | blue butterfly right small
garden snowy day photo | blue woolly bird right large
garden night photo | white flower left large | pink star right small
room sunset photo | 5 purple heart center
room night photo | green wooden train bottom small | gray cat top large
kitchen night photo | 4 yellow dotted cup center
kitchen day photo | red checkered apple left large | brown cake right large
space photo | pink shiny heart top large | black dog bottom small
underwater night photo | white wooden chair right large | orange fish left small
forest night photo | yellow checkered balloon center large
beach foggy day photo | purple dotted turtle center small
""".strip().splitlines()]
