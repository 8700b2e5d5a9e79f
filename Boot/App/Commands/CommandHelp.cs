using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>What help says of a command beside its usage line: what each option does, and an example.</summary>
public static class CommandHelp
{
    private const int OptionWidth = 28;

    /// <summary>A line for each command that shows it at work.</summary>
    private static ReadOnlySpan<byte> Examples =>
        """
        echo=echo My address is ${net0/ip}
        prompt=prompt --key m --timeout 4000 Press m for the menu ... && goto menu ||
        menu=menu Boot from ${net0/dhcp-server}
        form=form Where is the server?
        item=item --key d debian Debian (${buildarch})
        choose=choose --default debian --timeout 10000 target && goto ${target}
        present=present || goto menu
        login=login && chain http://192.0.2.1/boot.php?user=${username:uristring}
        console=console --picture http://192.0.2.1/back.png --left 32 --right 32 --top 32 --bottom 48
        colour=colour --basic 4 --rgb 0x1f3b64 4
        cpair=cpair --foreground 7 --background 9 1
        read=echo -n Host name: && read hostname
        set=set server http://192.0.2.1
        clear=clear server
        show=show net0/mac
        inc=set i:int32 0 && inc i
        config=config net0
        keymap=keymap de
        isset=isset ${net0/ip} || dhcp
        iseq=iseq ${platform} efi && goto efi || goto bios
        dhcp=dhcp net0 || shell
        ifconf=ifconf --timeout 10000 net1
        ifstat=ifstat net0
        nstat=nstat
        ifopen=ifopen net0
        ifclose=ifclose net0
        iflinkwait=iflinkwait --timeout 30000 net0 || echo No cable
        iftake=iftake && dhcp
        vcreate=vcreate --tag 5 net0 && dhcp net0-5
        vdestroy=vdestroy net0-5
        route=route
        ipstat=ipstat
        ping=ping --count 3 192.0.2.1 || echo The server is down
        nslookup=nslookup server boot.example.org && chain tftp://${server}/boot.ipxe
        ntp=ntp pool.ntp.org
        certstat=certstat --subject boot.example.org
        certstore=certstore http://192.0.2.1/my-ca.pem && chain https://boot.example.org/menu.ipxe
        certfree=certfree
        imgfetch=imgfetch --name config http://192.0.2.1/config.txt
        module=module http://192.0.2.1/firmware.cpio
        initrd=initrd http://192.0.2.1/initrd.img
        kernel=kernel http://192.0.2.1/vmlinuz console=ttyS0
        imgselect=imgselect vmlinuz
        imgload=imgload vmlinuz
        imgargs=imgargs vmlinuz console=ttyS0 quiet
        imgstat=imgstat
        imgset=imgset motd:string http://192.0.2.1/motd.txt
        imgextract=imgextract --name disk disk.img.gz
        imgmem=imgmem --name table 0x7f000000 4096
        md5sum=md5sum vmlinuz initrd.img
        sha1sum=sha1sum vmlinuz
        sha256sum=sha256sum --set found vmlinuz && iseq ${found} ${wanted} || shell
        sha512sum=sha512sum vmlinuz
        imgtrust=imgtrust --permanent
        imgverify=imgverify --signer Example vmlinuz http://192.0.2.1/vmlinuz.sig || shell
        imgdecrypt=imgdecrypt vmlinuz http://192.0.2.1/vmlinuz.env
        imgfree=imgfree initrd.img
        boot=kernel http://192.0.2.1/vmlinuz && boot
        imgexec=imgexec vmlinuz quiet
        chain=chain --autofree http://192.0.2.1/${net0/mac:hexhyp}.ipxe || shell
        shim=shim http://192.0.2.1/shimx64.efi
        fdt=fdt http://192.0.2.1/board.dtb
        autoboot=autoboot || shell
        pxebs=pxebs net0 15 && chain tftp://${pxebs/next-server}/${pxebs/filename}
        localboot=localboot --disk 0
        ramdisk=ramdisk http://192.0.2.1/debian.iso
        sanboot=sanboot iscsi:192.0.2.1:::1:iqn.2024-01.example:disk
        sanhook=sanhook --drive 0x81 http://192.0.2.1/data.img
        sanunhook=sanunhook --drive 0x81
        params=params --method POST
        param=param mac ${net0/mac}
        goto=goto menu
        exit=exit 1
        shell=chain boot.ipxe || shell
        sleep=sleep 5 && reboot
        sync=sync --timeout 5000
        time=time imgfetch http://192.0.2.1/vmlinuz
        cpuid=cpuid --ext 29 && set arch x86_64 || set arch i386
        pciscan=pciscan location && show pci/${location}.0.4
        usbscan=usbscan device && show usb/${device}.8.2
        reboot=reboot --setup
        poweroff=poweroff
        help=help choose

        """u8;

    /// <summary>What an option does, with every command that has one of that name.</summary>
    private static ReadOnlySpan<byte> OptionTexts =>
        """
        allow=whatever can be executed may be
        allow-pxe=for scripts that say it: without effect
        allow-sbat=for scripts that say it: without effect
        require-loader=for scripts that say it: without effect
        amd=the leaf of extended features
        autofree=free it once it has run
        background=the colour behind the text, 0 to 7; 9 is the picture or black
        basic=ANSI's colour, where there are no others: 0 to 7, 9
        bottom=where no text is, in pixels
        left=where no text is, in pixels
        right=where no text is, in pixels
        top=where no text is, in pixels
        configurator=what gets the address
        count=how often; without it until Ctrl-C
        default=what is selected at first
        delete=delete it
        depth=bits of a pixel, at least
        disk=its number, from 0
        drive=0x80 is the first disk
        ecx=a bit of ECX, not of EDX
        entry=a boot option, by its name or number
        ext=the leaf of extended features
        extra=a file that has to be there
        filename=the file to start
        foreground=the text's colour, 0 to 7
        form=the form's name, if it has one
        gap=text that cannot be selected
        header=a field of the request, not of its form
        keep=it stays afterwards
        key=a character, or the number of a key: 0x147e is F8
        label=the file system's label
        menu=the menu's name, if it has one
        method=GET, POST or PUT
        n=stay in the line
        name=the name that it gets
        no-describe=without telling the system of it
        no-boot=sanboot boots from it later
        params=the list's name, if it has one
        permanent=nothing changes it any more
        picture=a PNG file, shown behind the text
        priority=of what is sent: 0 to 7
        quiet=print less
        replace=run it in the place of this script
        retimeout=the timeout once a key was pressed
        rgb=the exact colour: 0xRRGGBB
        secret=show asterisks for what is typed
        set=store it in a setting, print nothing
        setup=into the firmware's setup
        signer=a name in the signer's certificate
        size=bytes of data
        subject=a common name, or a host that it is for
        tag=the VLAN: 1 to 4094
        timeout=wait no longer; 0 is for ever
        uuid=the partition's or the file system's
        warm=without a reset of the hardware
        x=the screen's width, at least
        y=the screen's height, at least

        """u8;

    /// <summary>A line that shows the command at work; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Example(string command) => Find(Examples, command);

    /// <summary>Prints all that there is to say of a command.</summary>
    public static void Write(Terminal terminal, Command command)
    {
        terminal.WriteLine(command.Usage());
        terminal.WriteLine(TextBuilder.Format($"{command.Name}: {command.Summary}"));
        OptionList options = new(command.Options);
        while (options.MoveNext())
        {
            WriteOption(terminal, options);
        }

        ReadOnlySpan<byte> example = Example(command.Name);
        if (example.Length > 0)
        {
            terminal.WriteLine(TextBuilder.Format($"Example: {example}"));
        }
    }

    /// <inheritdoc cref="OptionTexts"/>
    public static ReadOnlySpan<byte> Describe(ReadOnlySpan<char> option) => Find(OptionTexts, option);

    /// <summary>What stands behind "name=" on a line.</summary>
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> lines, ReadOnlySpan<char> name)
    {
        while (lines.Length > 0)
        {
            int end = lines.IndexOf((byte)'\n');
            if (lines.Length > name.Length && lines[name.Length] == (byte)'=' && ByteText.StartsWith(lines, name))
            {
                return lines.Slice(name.Length + 1, end - name.Length - 1);
            }

            lines = lines.Slice(end + 1);
        }

        return default;
    }

    private static void WriteOption(Terminal terminal, OptionList option)
    {
        TextBuilder line = new(80, 0);
        line.AppendFormatted(TextBuilder.Format($"  -{option.Letter}, --{option.Name} {option.Value}"));
        do
        {
            line.Append(' ');
        }
        while (line.Written.Length < OptionWidth);
        line.AppendFormatted(Describe(option.Name));
        terminal.WriteLine(line.Written);
    }
}
