/* install.h: `cortexd component install` and `remove`: spec file and program where an installed Elastic Agent looks for components. */
#pragma once

/* argv[0] is "install" or "remove". An exit code. */
int component_install(int argc, char **argv);
