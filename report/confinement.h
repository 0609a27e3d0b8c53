/**
 * @file confinement.h - the commands that read files of strangers do so without
 * rights.
 */
#ifndef REPORT_CONFINEMENT_H
#define REPORT_CONFINEMENT_H

#include "base/error.h"
#include "options/options.h"

/**
 * Gives up, for good, what a report of files does not need (confine()
 * of proc/confine.h). What stays readable: @files; --debug-dir and
 * --sysroot; where programs, their debug files and sources are: every folder of
 * / but those of settings, keys, devices and the kernel (/etc, /root, /boot,
 * /dev, /proc, /run, /sys; of /var and the homes some), and in homes what is
 * not hidden. What stays writable: the folder of --output. To be called before
 * a byte of a file is read, while there is one thread. HS_ERROR_SYSTEM.
 */
struct hs_error *cli_confine(const struct cli_options *o,
			     const struct text_list *files) hs_must_check;

#endif
