/* install.h: `cortexd component install`: the spec file and the program where an installed Elastic Agent looks for components. */
#pragma once

/* argv[0] is "install". An exit code. */
int component_install(int argc, char **argv);
