/* Hand-written assembly: symbols without a type or a size, several names of
 * one address, labels inside of functions. All bytes are nops. */
	.text
	.globl	sized, _sized, __sized, sized_long_name
	.type	sized, @function
	.type	_sized, @function
	.type	__sized, @function
	.type	sized_long_name, @function
	.type	a_local, @function
a_local:
sized:
_sized:
__sized:
sized_long_name:
	.fill	16, 1, 0x90
inner_label:
	.fill	16, 1, 0x90
	.size	a_local, 32
	.size	sized, 32
	.size	_sized, 32
	.size	__sized, 32
	.size	sized_long_name, 32
	.fill	32, 1, 0x90		/* nobody's */

	.type	outer, @function
outer:
	.fill	8, 1, 0x90
	.type	nested, @function
nested:
	.fill	8, 1, 0x90
	.size	nested, 8
	.fill	8, 1, 0x90
	.size	outer, 24

	.globl	untyped
untyped:				/* up to the next one */
	.fill	16, 1, 0x90
	.type	table, @object
table:					/* data in the text */
	.fill	16, 1, 0x90
	.size	table, 16
	.globl	unsized
	.type	unsized, @function
unsized:				/* up to the section's end */
	.fill	16, 1, 0x90
	.section .note.GNU-stack, "", @progbits
