/**
 * @file shells_assets.h - the files of cli/shells/ as strings.
 */
#ifndef CLI_SHELLS_ASSETS_H
#define CLI_SHELLS_ASSETS_H

/** The shells that have a script, as a sentence names them. */
#define SHELL_NAMES "bash, zsh or fish"

extern const unsigned char shells_heapsnap_bash[], shells_heapsnap_zsh[],
	shells_heapsnap_fish[];

#endif
