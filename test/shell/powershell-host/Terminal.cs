using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PowerShellHost;

/// <summary>What the line editor understands: a key of a name, or a character to insert.</summary>
internal enum Key
{
  Character, Enter, Backspace, Tab, Up, Down, CtrlC, CtrlD, CtrlU, Other,
}

/// <summary>
/// Keys from the terminal. <c>Console.ReadKey</c> switches the echo on again between two keys, so that fast typing
/// (a test types fast) shows up twice; here the echo stays off from the prompt to Enter.
/// </summary>
internal sealed class Terminal
{
  private static readonly FileStream s_input = new(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
  private readonly Queue<byte> _bytes = new();
  private bool _tellsCursor = true;

  /// <summary>Raw mode until <see cref="EndReading"/>; Ctrl-C is then a key like any other.</summary>
  public static void BeginReading()
  {
    Console.TreatControlCAsInput = true;
    InitializeConsoleBeforeRead(minChars: 1, decisecondsTimeout: 0);
  }

  public static void EndReading()
  {
    UninitializeConsoleAfterRead();
    Console.TreatControlCAsInput = false;
  }

  /// <returns>the column the cursor is in, from 0; 0 too if the terminal does not tell</returns>
  public int CursorColumn()
  {
    if (!_tellsCursor)
    {
      return 0;
    }

    Console.TreatControlCAsInput = true; // typed ahead, it is for the line to come
    InitializeConsoleBeforeRead(minChars: 0, decisecondsTimeout: 20);
    Console.Out.Write("\e[6n");
    Console.Out.Flush();
    var reply = new List<byte>();
    try
    {
      // What was typed ahead may stand before the reply, so look for the reply's own shape.
      while (ReadByte() is { } next)
      {
        reply.Add(next);
        var start = next == 'R' ? reply.LastIndexOf((byte)'\e') : -1;
        if (start < 0)
        {
          continue;
        }

        var text = Encoding.ASCII.GetString(reply.GetRange(start, reply.Count - start).ToArray());
        if (text.Split(['[', ';', 'R']) is [_, _, var column, _] && int.TryParse(column, out var number))
        {
          PutBack(reply[..start]);
          return number - 1;
        }
      }
    }
    finally
    {
      EndReading();
    }

    PutBack(reply);
    _tellsCursor = false;
    return 0;
  }

  /// <returns>the next key, with the text of a <see cref="Key.Character"/>; null at the end of input</returns>
  public (Key Key, string Text)? ReadKey()
  {
    if (ReadByte() is not { } first)
    {
      return null;
    }

    return first switch
    {
      (byte)'\r' or (byte)'\n' => (Key.Enter, ""),
      (byte)'\t' => (Key.Tab, ""),
      0x7f or (byte)'\b' => (Key.Backspace, ""),
      0x03 => (Key.CtrlC, ""),
      0x04 => (Key.CtrlD, ""),
      0x15 => (Key.CtrlU, ""),
      (byte)'\e' => (ReadEscape(), ""),
      < 0x20 => (Key.Other, ""),
      _ => (Key.Character, ReadCharacter(first)),
    };
  }

  private string ReadCharacter(byte first)
  {
    var length = first switch { >= 0xf0 => 4, >= 0xe0 => 3, >= 0xc0 => 2, _ => 1 };
    var bytes = new List<byte> { first };
    while (bytes.Count < length && ReadByte() is { } next)
    {
      bytes.Add(next);
    }

    return Encoding.UTF8.GetString(bytes.ToArray());
  }

  /// <summary>ESC [ ... letter, or ESC O letter while the terminal's keypad is in application mode.</summary>
  private Key ReadEscape()
  {
    if (ReadByte() is not ((byte)'[' or (byte)'O'))
    {
      return Key.Other;
    }

    byte? last;
    do
    {
      last = ReadByte();
    }
    while (last is < 0x40);

    return last switch
    {
      (byte)'A' => Key.Up,
      (byte)'B' => Key.Down,
      _ => Key.Other,
    };
  }

  private void PutBack(List<byte> bytes)
  {
    var later = _bytes.ToArray();
    _bytes.Clear();
    foreach (var value in bytes.Concat(later))
    {
      _bytes.Enqueue(value);
    }
  }

  private byte? ReadByte()
  {
    if (_bytes.Count == 0)
    {
      Span<byte> buffer = stackalloc byte[256];
      foreach (var value in buffer[..s_input.Read(buffer)])
      {
        _bytes.Enqueue(value);
      }
    }

    return _bytes.Count > 0 ? _bytes.Dequeue() : null;
  }

  // The runtime's own switches, the same that Console.ReadKey uses: its record of the terminal, which it restores
  // for every native command, stays right.
  [DllImport("libSystem.Native", EntryPoint = "SystemNative_InitializeConsoleBeforeRead")]
  private static extern void InitializeConsoleBeforeRead(byte minChars, byte decisecondsTimeout);

  [DllImport("libSystem.Native", EntryPoint = "SystemNative_UninitializeConsoleAfterRead")]
  private static extern void UninitializeConsoleAfterRead();
}
