/**
 * @file shells_assets.h - the files of options/shells/ as strings.
 */
#ifndef OPTIONS_SHELLS_ASSETS_H
#define OPTIONS_SHELLS_ASSETS_H

/** The shells that have a script, as a sentence names them. */
#define SHELL_NAMES "bash, zsh or fish"

extern const unsigned char shells_heapsnap_bash[], shells_heapsnap_zsh[],
	shells_heapsnap_fish[];

#endif
